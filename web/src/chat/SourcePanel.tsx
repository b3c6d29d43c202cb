import { Button, Drawer, Group, Paper, Stack } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconArrowLeft } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";
import { SourceView } from "../viewer/SourceView";
import { Sources } from "./Sources";

interface Props {
  citations: readonly Schemas["Citation"][];
  open: number;
  onClose: () => void;
}

/** The sources of an answer: beside it where there is room, over it on a phone. */
export function SourcePanel({ citations, open, onClose }: Props) {
  const { t } = useTranslation();
  const isWide = useMediaQuery("(min-width: 62em)", true, { getInitialValueInEffect: false });
  const [shown, setShown] = useState<{ of: number; n: number }>();
  const citation = shown?.of === open ? citations.find((one) => one.n === shown.n) : undefined;
  if (citations.length === 0) return null;
  const content = citation ? (
    <Stack gap="xs" h="100%">
      <Group>
        <Button
          size="xs"
          variant="subtle"
          leftSection={<IconArrowLeft size={16} />}
          onClick={() => setShown(undefined)}
        >
          {t("chat.sources")}
        </Button>
      </Group>
      <div style={{ flex: 1, minHeight: 0 }}>
        <SourceView
          key={citation.document_id}
          kbId={citation.kb_id}
          documentId={citation.document_id}
          page={citation.page}
          quote={citation.quote}
          boxes={citation.place.boxes}
          onClose={onClose}
        />
      </div>
    </Stack>
  ) : (
    <Sources citations={citations} open={open} onShow={(n) => setShown({ of: open, n })} onClose={onClose} />
  );
  if (isWide)
    return (
      <Paper
        component="aside"
        aria-label={t("chat.sources")}
        w={citation ? "50%" : 340}
        style={{ overflowY: "auto", flexShrink: 0 }}
      >
        {content}
      </Paper>
    );
  return (
    <Drawer
      opened
      onClose={onClose}
      size="100%"
      position="bottom"
      withCloseButton={false}
      title={t("chat.sources")}
      // A document scrolls within its own view, which needs a height to fill.
      styles={{
        header: { display: "none" },
        content: { display: "flex", flexDirection: "column" },
        body: { flex: 1, minHeight: 0, overflowY: "auto" },
      }}
    >
      {content}
    </Drawer>
  );
}
