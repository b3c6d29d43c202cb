import { Center, Loader } from "@mantine/core";
import { useTranslation } from "react-i18next";

/** Shown while the code of the first page is on its way. */
export function Starting() {
  const { t } = useTranslation();
  return (
    <Center component="main" mih="100dvh">
      <Loader role="status" aria-label={t("frame.starting")} />
    </Center>
  );
}
