import { Alert } from "@mantine/core";
import { IconPlugConnectedX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { ApiError } from "../api/errors";
import { me } from "../api/queries";

/** Says that the platform does not answer, for as long as it does not; it asks again by itself. */
export function ConnectionNotice() {
  const { t } = useTranslation();
  const asked = useQuery({ ...me(), refetchInterval: (query) => (query.state.status === "error" ? 3_000 : 30_000) });
  const lost = asked.failureReason instanceof ApiError && asked.failureReason.isUnreachable;
  if (!lost) return null;
  return (
    <Alert color="orange" icon={<IconPlugConnectedX />} mb="md" role="status" title={t("connection.lost")}>
      {t("connection.heals")}
    </Alert>
  );
}
