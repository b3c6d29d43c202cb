import { Chip, Fieldset, Group, MultiSelect, Select, Stack, TagsInput, Textarea, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { knowledgeBases } from "../api/queries";
import { UploadList } from "../documents/UploadList";
import { MOST, PICTURES, TONES, wrongIn, type Definition, type Field } from "./definition";

interface Props {
  form: Definition;
  set: (news: Partial<Definition>) => void;
  /** What the API said of a field. */
  refused: Partial<Record<Field, string>>;
}

/** Everything that a bot is made of; what is wrong stands beside its field once the person left it. */
export function BotForm({ form, set, refused }: Props) {
  const { t } = useTranslation();
  const bases = useQuery(knowledgeBases()).data;
  const [left, setLeft] = useState<readonly Field[]>([]);
  const wrong = wrongIn(form);
  const leave = (field: Field) => () => setLeft((old) => (old.includes(field) ? old : [...old, field]));
  const problem = (field: Field) => {
    const code = wrong[field];
    return refused[field] ?? (code && left.includes(field) ? t(`bot.wrong.${code}`) : undefined);
  };
  const known = (bases ?? []).map((base) => ({ value: base.kb_id, label: base.name }));
  // Others' knowledge bases, or deleted ones, are not listed: the bot keeps them until somebody takes them away.
  const hidden = form.kb_ids.filter((kbId) => bases && !known.some((base) => base.value === kbId));
  return (
    <Stack>
      {form.kb_ids.map((kbId) => (
        <UploadList key={kbId} kbId={kbId} />
      ))}
      <TextInput
        label={t("bot.name")}
        required
        maxLength={MOST.name}
        value={form.name}
        error={problem("name")}
        onBlur={leave("name")}
        onChange={(event) => set({ name: event.currentTarget.value })}
      />
      <Textarea
        label={t("bot.description")}
        autosize
        minRows={1}
        maxRows={6}
        maxLength={MOST.description}
        value={form.description}
        error={problem("description")}
        onChange={(event) => set({ description: event.currentTarget.value })}
      />
      <MultiSelect
        label={t("bot.bases")}
        description={t("bot.basesHint")}
        data={[...known, ...hidden.map((kbId) => ({ value: kbId, label: t("bot.hiddenBase") }))]}
        value={form.kb_ids}
        maxValues={MOST.bases}
        searchable
        error={problem("kb_ids")}
        onBlur={leave("kb_ids")}
        onChange={(kb_ids) => set({ kb_ids })}
      />
      <Textarea
        label={t("bot.instructions")}
        description={t("bot.instructionsHint")}
        autosize
        minRows={4}
        maxRows={16}
        maxLength={MOST.instructions}
        value={form.instructions}
        error={problem("instructions")}
        onChange={(event) => set({ instructions: event.currentTarget.value })}
      />
      <TagsInput
        label={t("bot.starters")}
        description={t("bot.startersHint")}
        maxTags={MOST.starters}
        value={form.starter_questions}
        error={problem("starter_questions")}
        acceptValueOnBlur
        onChange={(starter_questions) => set({ starter_questions })}
      />
      <Manner form={form} set={set} problem={problem} />
    </Stack>
  );
}

/** How it looks and talks. */
function Manner({ form, set, problem }: Omit<Props, "refused"> & { problem: (field: Field) => string | undefined }) {
  const { t } = useTranslation();
  const pictures =
    PICTURES.some((one) => one === form.picture) || !form.picture ? PICTURES : [form.picture, ...PICTURES];
  return (
    <Fieldset legend={t("bot.manner")}>
      <Stack>
        <Select
          label={t("bot.tone")}
          description={t("bot.toneHint")}
          data={TONES.map((tone) => ({ value: tone, label: t(`bot.tones.${tone || "own"}`) }))}
          value={form.tone}
          allowDeselect={false}
          onChange={(tone) => set({ tone: tone ?? "" })}
        />
        <Textarea
          label={t("bot.unsure")}
          description={t("bot.unsureHint")}
          placeholder={t("bot.unsureDefault")}
          autosize
          minRows={1}
          maxRows={6}
          maxLength={MOST.unsure}
          value={form.unsure_text}
          error={problem("unsure_text")}
          onChange={(event) => set({ unsure_text: event.currentTarget.value })}
        />
        <Chip.Group value={form.picture} onChange={(picture) => set({ picture: picture })}>
          <Group gap={6} role="radiogroup" aria-label={t("bot.picture")}>
            <Chip value="" size="xs">
              {t("bot.letter")}
            </Chip>
            {pictures.map((picture) => (
              <Chip key={picture} value={picture} size="xs">
                {picture}
              </Chip>
            ))}
          </Group>
        </Chip.Group>
      </Stack>
    </Fieldset>
  );
}
