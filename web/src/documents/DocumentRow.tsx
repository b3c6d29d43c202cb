import { Badge, Button, Group, Progress, Text } from "@mantine/core";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { isAtRest } from "../api/queries";
import { inWords } from "../i18n/problem";
import { ago, bytes } from "../parts/format";
import { leaf, shownName } from "../parts/names";
import { useRetry } from "./actions";
import { RowMenu } from "./RowMenu";
import type { Document } from "./useDocuments";

const COLOURS: Partial<Record<Document["status"], string>> = { READY: "teal", FAILED: "red", DELETING: "gray" };

interface Props {
  kbId: string;
  document: Document;
  isChosen: boolean;
  onChoose: (documentId: string, isChosen: boolean) => void;
}

/** A document: its name, how far it is or why it failed, and what can be done with it. */
export const DocumentRow = memo(function DocumentRow({ kbId, document, isChosen, onChoose }: Props) {
  const { t } = useTranslation();
  const retry = useRetry(kbId);
  const name = shownName(leaf(document.filename));
  const isGoing = document.status === "DELETING";
  return (
    <div className="document-row" data-chosen={isChosen} role="presentation">
      <span role="cell">
        {/* The browser's own: a library's costs half of the row, and rows come by the dozen while one scrolls. */}
        <input
          type="checkbox"
          className="document-check"
          checked={isChosen}
          disabled={isGoing}
          aria-label={t("documents.choose", { name })}
          onChange={(event) => onChoose(document.document_id, event.currentTarget.checked)}
        />
      </span>
      <div role="cell" style={{ minWidth: 0 }}>
        {isGoing ? (
          <span className="document-name" dir="auto">
            {name}
          </span>
        ) : (
          <Link
            className="document-name"
            dir="auto"
            title={shownName(document.filename)}
            to={`/knowledge-bases/${kbId}/documents/${document.document_id}`}
          >
            {name}
          </Link>
        )}
        <Details document={document} />
      </div>
      <span role="cell" className="document-state">
        <Badge variant="light" color={COLOURS[document.status] ?? "blue"}>
          {t(`state.${document.status}`)}
        </Badge>
      </span>
      <span role="cell" className="document-tools">
        {document.can_retry && (
          <Button size="compact-sm" variant="light" loading={retry.isPending} onClick={() => retry.mutate([document])}>
            {t("document.retry")}
          </Button>
        )}
        <RowMenu kbId={kbId} document={document} />
      </span>
    </div>
  );
});

function Details({ document }: { document: Document }) {
  const { t } = useTranslation();
  if (document.status === "FAILED")
    return <div className="document-reason">{inWords(document.code, document.reason)}</div>;
  if (!isAtRest(document)) return <Moving document={document} />;
  const facts = [
    bytes(document.size_bytes),
    document.pages > 1 && t("document.pages", { count: document.pages }),
    t("document.passages", { count: document.chunks }),
    document.folder && shownName(document.folder),
    ago(document.status_since || document.updated_at),
    document.warnings.join(" "),
  ].filter(Boolean);
  return (
    <div className="document-facts">
      {facts.join(" · ")}
      {document.tags.length > 0 && (
        <Group component="span" gap={4} ms="xs" display="inline-flex">
          {document.tags.map((tag) => (
            <Badge key={tag} size="sm" variant="outline" color="gray" tt="none" maw={160}>
              {shownName(tag)}
            </Badge>
          ))}
        </Group>
      )}
    </div>
  );
}

/** How far a document is, by what the platform counts; what cannot be counted moves without a number. */
function Moving({ document }: { document: Document }) {
  const { t } = useTranslation();
  const isRecognised = document.status === "RECOGNISING";
  const [done, of] = isRecognised
    ? [document.pages_recognised, document.pages_unread]
    : [document.chunks_done, document.status === "EMBEDDING" ? document.chunks : 0];
  const isStill = Boolean(document.waiting_for) || document.status === "UPLOADING";
  return (
    <Group gap="xs" wrap="nowrap">
      <Progress
        w={120}
        style={{ flexShrink: 0 }}
        value={of ? (100 * done) / of : isStill ? 0 : 100}
        animated={!of && !isStill}
        striped={!of && !isStill}
        aria-label={t(`state.${document.status}`)}
      />
      <Text size="sm" c={document.waiting_for ? "orange" : "dimmed"} lineClamp={2}>
        {document.waiting_for
          ? t("document.waiting", { what: document.waiting_for, since: ago(document.waiting_since) })
          : of
            ? t(isRecognised ? "document.pagesOf" : "document.passagesOf", { done, of })
            : ago(document.status_since)}
      </Text>
    </Group>
  );
}
