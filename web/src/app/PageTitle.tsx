import { useQuery } from "@tanstack/react-query";
import type { ParseKeys } from "i18next";
import { useTranslation } from "react-i18next";
import { useMatches, useParams } from "react-router";
import { bot, knowledgeBase } from "../api/queries";
import { useSignedIn } from "./useSession";

/** Names the tab, its entry in the history and, for who hears the page, each arrival at another one. */
export function PageTitle() {
  const { t } = useTranslation();
  const { title } = (useMatches().at(-1)?.handle ?? {}) as { title?: ParseKeys };
  const name = useSubject();
  const shown = [name, title && t(title)].filter(Boolean).join(" · ");
  return (
    <>
      <title>{shown ? `${shown} · Strata` : "Strata"}</title>
      <div className="visually-hidden" aria-live="polite">
        {shown}
      </div>
    </>
  );
}

/** The name of the bot or knowledge base that the page is about, once it is known. */
function useSubject(): string | undefined {
  const { botId = "", kbId = "" } = useParams();
  const signedIn = useSignedIn();
  const shownBot = useQuery({ ...bot(botId), enabled: signedIn && botId !== "" }).data;
  const shownBase = useQuery({ ...knowledgeBase(kbId), enabled: signedIn && kbId !== "" }).data;
  return shownBot ? (shownBot.published ?? shownBot.draft)?.name : shownBase?.name;
}
