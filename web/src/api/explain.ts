import type { TFunction } from "i18next";
import { inWords } from "../i18n/problem";
import { ApiError } from "./errors";

/** Say in plain words what failed and what to do, with the id that an operator finds in the logs. */
export function explain(error: unknown, t: TFunction): string {
  if (!(error instanceof ApiError)) return t("failure.ours");
  if (error.isUnreachable) return t("connection.lost");
  if (error.code === "signed_out") return t("failure.signedOut");
  const said = inWords(error.code, error.message || t("failure.status", { status: error.status }));
  return error.requestId ? `${said} (${t("failure.id", { id: error.requestId })})` : said;
}
