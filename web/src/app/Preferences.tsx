import { Menu, SegmentedControl, Select, Stack, useMantineColorScheme } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { choose, LANGUAGES, type Language } from "../i18n/texts";

/** Colour scheme and language. */
export function Preferences() {
  const { t, i18n } = useTranslation();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Stack gap="xs" p="xs">
      <Menu.Label p={0}>{t("account.colours")}</Menu.Label>
      <SegmentedControl
        size="xs"
        value={colorScheme}
        onChange={(value) => setColorScheme(value)}
        data={(["auto", "light", "dark"] as const).map((value) => ({ value, label: t(`account.${value}`) }))}
      />
      <Select
        size="xs"
        label={t("account.language")}
        value={i18n.language}
        allowDeselect={false}
        comboboxProps={{ withinPortal: false }}
        data={Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }))}
        onChange={(value) => value && void choose(value as Language)}
      />
    </Stack>
  );
}
