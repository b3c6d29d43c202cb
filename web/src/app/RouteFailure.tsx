import { Button, Center, Stack, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useRouteError } from "react-router";
import { explain } from "../api/explain";

/** A page that broke: what happened and a way out. */
export function RouteFailure() {
  const { t } = useTranslation();
  const error = useRouteError();
  return (
    <Center mih="60dvh">
      <Stack align="center" maw={460} role="alert">
        <Title order={1} size="h3">
          {t("failure.title")}
        </Title>
        <Text ta="center">{explain(error, t)}</Text>
        <Button onClick={() => location.reload()}>{t("unreachable.again")}</Button>
      </Stack>
    </Center>
  );
}
