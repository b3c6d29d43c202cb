import { ActionIcon, Group, Menu, Skeleton, Text, Title } from "@mantine/core";
import { IconDots, IconEdit, IconScissors, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";
import { shownName } from "../parts/names";
import { CutDialog } from "./CutDialog";
import { DetailsDialog } from "./DetailsDialog";
import { useAskDeleteBase } from "./useAskDeleteBase";

type Base = Schemas["KnowledgeBase"];

/** The name of a knowledge base, what it is about, and what can be done with it. */
export function BaseHeading({ kbId, base }: { kbId: string; base: Base | undefined }) {
  const { t } = useTranslation();
  const [shown, show] = useState<"details" | "cut">();
  const askDelete = useAskDeleteBase(kbId);
  return (
    <Group justify="space-between" align="flex-start" wrap="nowrap">
      <div style={{ minWidth: 0 }}>
        <Title order={1} size="h2" className="wrap-anywhere" dir="auto">
          {base ? shownName(base.name) : <Skeleton h={32} w={260} />}
        </Title>
        {base?.description && (
          <Text c="dimmed" className="wrap-anywhere" dir="auto">
            {base.description}
          </Text>
        )}
      </div>
      {base && (
        <Menu position="bottom-end" width={260}>
          <Menu.Target>
            <ActionIcon variant="default" size="lg" aria-label={t("baseMenu.title")}>
              <IconDots size={18} aria-hidden />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<IconEdit size={16} />} onClick={() => show("details")}>
              {t("baseMenu.details")}
            </Menu.Item>
            <Menu.Item leftSection={<IconScissors size={16} />} onClick={() => show("cut")}>
              {t("baseMenu.cut")}
            </Menu.Item>
            <Menu.Divider />
            <Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={() => askDelete(base)}>
              {t("baseMenu.delete")}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
      {base && shown === "details" && <DetailsDialog kbId={kbId} base={base} onClose={() => show(undefined)} />}
      {base && shown === "cut" && <CutDialog kbId={kbId} base={base} onClose={() => show(undefined)} />}
    </Group>
  );
}
