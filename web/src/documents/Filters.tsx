import { Group, SegmentedControl, Select, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { STATES, type ShownState } from "./shown";

interface Props {
  state: ShownState;
  words: string;
  counts: Record<ShownState, number>;
  onState: (state: ShownState) => void;
  onWords: (words: string) => void;
}

/** Which documents are shown: of what state, with what in their names; the numbers are the totals. */
export function Filters({ state, words, counts, onState, onWords }: Props) {
  const { t } = useTranslation();
  const named = (one: ShownState) => `${t(`base.states.${one}`)} (${counts[one]})`;
  return (
    <Group gap="sm" wrap="wrap">
      <TextInput
        type="search"
        aria-label={t("documents.search")}
        placeholder={t("documents.search")}
        leftSection={<IconSearch size={16} aria-hidden />}
        value={words}
        onChange={(event) => onWords(event.currentTarget.value)}
        flex="1 1 200px"
        miw={160}
      />
      <SegmentedControl
        visibleFrom="sm"
        aria-label={t("base.filter")}
        value={state}
        onChange={(value) => onState(value)}
        data={STATES.map((one) => ({ value: one, label: named(one) }))}
      />
      <Select
        hiddenFrom="sm"
        aria-label={t("base.filter")}
        allowDeselect={false}
        value={state}
        onChange={(value) => value && onState(value)}
        data={STATES.map((one) => ({ value: one, label: named(one) }))}
        flex="1 1 140px"
      />
    </Group>
  );
}
