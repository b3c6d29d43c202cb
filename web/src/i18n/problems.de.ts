/** Was schiefging und was hilft, auf Deutsch, nach dem Code, den die Plattform nennt. */
export const problems: Readonly<Record<string, string>> = {
  empty_file: "Die Datei ist leer. Wählen Sie eine mit Inhalt.",
  file_too_large: "Die Datei ist zu groß. Teilen Sie das Dokument und laden Sie die Teile hoch.",
  too_large: "Das Dokument ist zu groß. Teilen Sie es und laden Sie die Teile hoch.",
  too_many_chunks: "Das Dokument hat zu viel Text. Teilen Sie es und laden Sie die Teile hoch.",
  too_many_pages: "Das Dokument hat zu viele Seiten. Teilen Sie es und laden Sie die Teile hoch.",
  too_many_pixels:
    "Das Bild ist zu groß. Speichern Sie es kleiner oder mit geringerer Auflösung und laden Sie es dann hoch.",
  too_deep:
    "In der Datei ist zu viel ineinander verschachtelt. Speichern Sie sie in einfacherer Form und laden Sie sie hoch.",
  zip_bomb:
    "Das Archiv wird beim Auspacken unzulässig groß. Packen Sie es aus und laden Sie nur die nötigen Dateien hoch.",
  invalid_filename:
    "Der Dateiname ist nicht erlaubt. Nennen Sie die Datei zum Beispiel handbuch.pdf und laden Sie sie erneut hoch.",
  larger_than_announced: "Die Datei hat sich beim Senden geändert. Laden Sie sie noch einmal hoch.",
  no_text: "In der Datei ist kein Text zu finden. Laden Sie eine Fassung mit Text oder mit erkanntem Text hoch.",
  page_unrecognisable:
    "Auf einer gescannten Seite ist kein Text zu erkennen. Scannen Sie sie gerade, scharf und nicht auf dem Kopf.",
  parser_limit: "Das Lesen hat zu lange gedauert. Teilen Sie das Dokument oder speichern Sie es in einfacherer Form.",
  password_protected:
    "Die Datei ist mit einem Passwort geschützt. Entfernen Sie es und laden Sie die Datei erneut hoch.",
  unreadable:
    "Die Datei ist beschädigt. Öffnen Sie sie in dem Programm, das sie gemacht hat, speichern Sie sie neu und laden Sie diese hoch.",
  invalid:
    "Der Inhalt kann nicht verarbeitet werden. Speichern Sie die Datei in ihrem Programm neu und laden Sie diese hoch.",
  rejected: "Der Inhalt wurde zurückgewiesen. Speichern Sie die Datei in ihrem Programm neu und laden Sie diese hoch.",
  unsupported_type:
    "Diese Art von Datei kann nicht gelesen werden. Speichern Sie sie zum Beispiel als pdf, docx oder txt und laden Sie diese hoch.",
  document_never_arrived:
    "Die Datei ist nie angekommen. Laden Sie sie noch einmal hoch und löschen Sie diesen Eintrag.",
  upload_missing: "Die Datei ist nicht angekommen. Laden Sie sie noch einmal hoch und löschen Sie diesen Eintrag.",
  source_missing: "Die Datei ist nicht mehr da. Laden Sie sie noch einmal hoch.",
  document_deleted: "Das Dokument ist gelöscht. Laden Sie es wieder hoch, wenn es noch gebraucht wird.",
  document_not_failed:
    "Dieses Dokument ist nicht gescheitert. Laden Sie die Datei erneut hoch, um es neu zu verarbeiten.",
  document_not_live: "Dieses Dokument ist noch nicht bereit. Warten Sie, bis es so weit ist.",
  not_uploading: "Dieses Dokument wartet auf keine Datei. Laden Sie die Datei als neues Dokument hoch.",
  upload_expired: "Das Hochladen liegt zu lange zurück. Brechen Sie es ab und beginnen Sie neu.",
  upload_not_begun: "Das Hochladen in Teilen hat noch nicht begonnen.",
  view_missing: "Von diesem Dokument sind keine Seiten aufbewahrt. Wird die Wissensbasis neu aufgebaut, sind sie da.",
  no_words:
    "In der Frage steht kein Wort und keine Zahl. Fragen Sie in Worten: ein Name, eine Zahl oder ein Titel hilft.",
  question_too_long: "Die Frage ist zu lang. Kürzen Sie sie.",
  request_too_large: "Das war zu viel auf einmal. Senden Sie weniger.",
  message_too_large: "Das war zu viel auf einmal. Senden Sie weniger.",
  too_many_requests: "Das waren zu viele Anfragen. Warten Sie eine Minute und machen Sie dann weiter.",
  too_many_streams:
    "Es werden schon mehrere Antworten für Sie geschrieben. Warten Sie auf eine oder halten Sie eine an.",
  too_many_topics: "Es sind zu viele Unterhaltungen und Wissensbasen offen. Schließen Sie eine davon.",
  filters_too_broad: "Die Filter nennen zu viele Dokumente. Lassen Sie ein Schlagwort weg.",
  bot_not_published: "Dieser Bot ist noch nicht veröffentlicht. Veröffentlichen Sie ihn zuerst.",
  bot_without_knowledge_base: "Dieser Bot hat keine Wissensbasis. Geben Sie ihm zuerst eine.",
  name_taken: "Diesen Namen gibt es schon. Wählen Sie einen anderen.",
  message_exists: "Diese Frage ist schon beantwortet. Laden Sie die Seite neu.",
  ...of("Das hat gerade nicht geklappt. Die Plattform versucht es von selbst noch einmal; Sie müssen nichts tun.", [
    "conflict changed_meanwhile object_replaced delete_incomplete parser_lost superseded unavailable embedder_timeout",
    "embedder_throttled embedder_reply_malformed model_not_ready index_busy index_incomplete index_not_visible",
    "index_throttled ml_reply_malformed model_timeout model_throttled model_reply_malformed parts_missing name_busy",
    "request_in_progress not_an_answer",
  ]),
  ...of(
    "Das Verarbeiten ist gescheitert. Versuchen Sie es noch einmal; bleibt es dabei, sagen Sie dem Betrieb Bescheid.",
    ["deadline_exceeded processing_failed"],
  ),
  ...of("Etwas ist auf unserer Seite falsch eingerichtet. Sagen Sie dem Betrieb, was Sie getan haben.", [
    "internal embedder_input embedder_refused index_denied index_failed index_full index_outdated index_refused",
    "index_unreadable invalid_chunking unknown_chunker unknown_embedder unknown_model dimension_mismatch fusion_weight",
    "mixed_tenants scope_incomplete tenant_id_malformed limit_out_of_range model_refused object_not_found",
    "recogniser_outdated",
  ]),
  ...of("Das gibt es nicht, oder nicht mehr. Gehen Sie zurück und wählen Sie aus dem, was da ist.", [
    "unknown_bot unknown_conversation unknown_dataset unknown_document unknown_evaluation unknown_knowledge_base",
    "unknown_message unknown_release unknown_chunking unknown_citation unknown_state unknown_version unknown_route",
    "not_found knowledge_base_not_found unknown_deletion unknown_action unknown_answer nothing_to_regenerate",
    "not_the_last_question",
  ]),
  ...of("Melden Sie sich neu an. Hilft das nicht, fragen Sie eine Administratorin oder einen Administrator.", [
    "unauthorized token_expired token_invalid ticket_invalid not_connected",
  ]),
  ...of("Dazu haben Sie kein Recht. Fragen Sie, wem es gehört, oder eine Administratorin oder einen Administrator.", [
    "suspended unknown_user operators_only forbidden not_owner knowledge_base_not_readable",
  ]),
};

function of(text: string, codes: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    codes
      .join(" ")
      .split(" ")
      .map((code) => [code, text]),
  );
}
