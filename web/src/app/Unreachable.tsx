import { Button, Center, MantineProvider, Stack, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { readable, theme } from "./theme";

/** Shown when not even the configuration came: nothing else can work. */
export function Unreachable() {
  const { t } = useTranslation();
  return (
    <MantineProvider theme={theme} cssVariablesResolver={readable} defaultColorScheme="auto">
      <Center mih="100dvh" p="lg">
        <Stack align="center" maw={420} role="alert">
          <Title order={1} size="h3">
            {t("unreachable.title")}
          </Title>
          <Text ta="center">{t("unreachable.whatToDo")}</Text>
          <Button onClick={() => location.reload()}>{t("unreachable.again")}</Button>
        </Stack>
      </Center>
    </MantineProvider>
  );
}
