import { ActionIcon, Button, Group, NumberInput, Text, Tooltip } from "@mantine/core";
import { IconChevronLeft, IconChevronRight, IconHighlight, IconZoomIn, IconZoomOut } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

interface Props {
  page: number;
  count: number;
  zoom: number;
  onPage: (page: number) => void;
  onZoom: (zoom: number) => void;
  onQuote?: (() => void) | undefined;
}

export const ZOOMS = [0.5, 0.67, 0.8, 1, 1.25, 1.5, 2, 3, 4] as const;

/** The next larger (1) or smaller (-1) zoom. */
export function nextZoom(zoom: number, by: 1 | -1): number {
  const further = by > 0 ? ZOOMS.find((one) => one > zoom + 0.01) : ZOOMS.findLast((one) => one < zoom - 0.01);
  return further ?? zoom;
}

/** Turning pages, zooming, and back to the quote. */
export function Toolbar({ page, count, zoom, onPage, onZoom, onQuote }: Props) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState<number | string>();
  const go = () => {
    const wanted = Number(typed);
    setTyped(undefined);
    if (wanted >= 1 && wanted <= count) onPage(Math.round(wanted));
  };
  return (
    <Group gap={4} wrap="wrap" justify="center" role="toolbar" aria-label={t("viewer.tools")} p={4}>
      <Tool label={t("viewer.previous")} disabled={page <= 1} onClick={() => onPage(page - 1)}>
        <IconChevronLeft size={18} />
      </Tool>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          go();
        }}
      >
        <NumberInput
          size="xs"
          w={56}
          hideControls
          min={1}
          max={count}
          aria-label={t("viewer.page")}
          value={typed ?? page}
          onChange={setTyped}
          onBlur={go}
        />
      </form>
      <Text size="sm" c="dimmed">
        / {count}
      </Text>
      <Tool label={t("viewer.next")} disabled={page >= count} onClick={() => onPage(page + 1)}>
        <IconChevronRight size={18} />
      </Tool>
      <Tool
        label={t("viewer.zoomOut")}
        disabled={nextZoom(zoom, -1) === zoom}
        onClick={() => onZoom(nextZoom(zoom, -1))}
      >
        <IconZoomOut size={18} />
      </Tool>
      <Button size="compact-xs" variant="subtle" color="gray" onClick={() => onZoom(1)} aria-label={t("viewer.fit")}>
        {Math.round(zoom * 100)} %
      </Button>
      <Tool label={t("viewer.zoomIn")} disabled={nextZoom(zoom, 1) === zoom} onClick={() => onZoom(nextZoom(zoom, 1))}>
        <IconZoomIn size={18} />
      </Tool>
      {onQuote && (
        <Tool label={t("viewer.toQuote")} onClick={onQuote}>
          <IconHighlight size={18} />
        </Tool>
      )}
    </Group>
  );
}

interface ToolProps {
  label: string;
  disabled?: boolean;
  onClick: () => void;
  children: React.ReactNode;
}

function Tool({ label, disabled = false, onClick, children }: ToolProps) {
  return (
    <Tooltip label={label} openDelay={400}>
      <ActionIcon variant="subtle" color="gray" aria-label={label} disabled={disabled} onClick={onClick}>
        {children}
      </ActionIcon>
    </Tooltip>
  );
}
