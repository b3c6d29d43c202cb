import { Button, Center, Stack, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

/** An address that leads nowhere: said, with a way out. */
export function NotFound() {
  const { t } = useTranslation();
  return (
    <Center mih="60dvh">
      <Stack align="center" maw={460}>
        <Title order={1} size="h3" ta="center">
          {t("notFound.title")}
        </Title>
        <Text ta="center">{t("notFound.whatToDo")}</Text>
        <Button component={Link} to="/">
          {t("notFound.home")}
        </Button>
      </Stack>
    </Center>
  );
}
