import type { Texts } from "./de";
import type { talk as english } from "./talk.en";

/** Was über Unterhaltungen gesagt wird, auf Deutsch. */
export const talk: Texts<typeof english> = {
  talk: {
    edit: "Anders fragen",
    editing: "Stellen Sie die Frage anders; die Antwort wird ersetzt.",
    regenerate: "Noch einmal antworten",
    stop: "Anhalten",
    stopped: "Sie haben diese Antwort angehalten.",
    refused: "Nichts in den Dokumenten, die Sie lesen dürfen, beantwortet das. Es wurde nichts erfunden.",
    suggestions: "Sie könnten weiterfragen",
    growing: "Die Antwort wird geschrieben",
    whyGood: "Was war gut? (freiwillig)",
    whyBad: "Was war falsch? (freiwillig)",
    sendComment: "Senden",
    all: "Unterhaltungen",
    search: "Titel und Fragen durchsuchen",
    none: "Es gibt noch keine Unterhaltung.",
    noneFound: "Keine Unterhaltung passt. Versuchen Sie andere Wörter.",
    rename: "Umbenennen",
    name: "Name der Unterhaltung",
    delete: "Löschen",
    deleteTitle: "Diese Unterhaltung löschen?",
    deleteText: "„{{title}}“ und alle Antworten darin werden endgültig entfernt.",
    actions: "Aktionen für {{title}}",
    export: "Als Markdown speichern",
    sources: "Quellen",
    page: "Seite {{page}}",
  },
};
