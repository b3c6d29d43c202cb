import { ActionIcon, Menu } from "@mantine/core";
import { IconDots, IconEye, IconRefresh, IconTag, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { leaf, shownName } from "../parts/names";
import { ReplaceItem } from "./ReplaceItem";
import { TagsDialog } from "./TagsDialog";
import { useAskDelete } from "./useAskDelete";
import type { Document } from "./useDocuments";

/** What can be done with one document. The menu is made when it is first opened: a table holds thousands of them. */
export function RowMenu({ kbId, document }: { kbId: string; document: Document }) {
  const { t } = useTranslation();
  const [isWanted, want] = useState(false);
  const name = shownName(leaf(document.filename));
  const button = (
    <ActionIcon
      variant="subtle"
      color="gray"
      aria-label={t("document.actions", { name })}
      aria-haspopup="menu"
      disabled={document.status === "DELETING"}
      onClick={() => want(true)}
    >
      <IconDots size={18} aria-hidden />
    </ActionIcon>
  );
  return isWanted ? <Opened kbId={kbId} document={document} button={button} /> : button;
}

function Opened({ kbId, document, button }: { kbId: string; document: Document; button: React.ReactElement }) {
  const { t } = useTranslation();
  const [isOpen, open] = useState(true);
  const [isTagging, tag] = useState(false);
  const askDelete = useAskDelete(kbId);
  return (
    <>
      <Menu position="bottom-end" opened={isOpen} onChange={open} withinPortal>
        <Menu.Target>{button}</Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<IconEye size={16} />}
            component={Link}
            to={`/knowledge-bases/${kbId}/documents/${document.document_id}`}
          >
            {t("documents.open")}
          </Menu.Item>
          <Menu.Item leftSection={<IconTag size={16} />} onClick={() => tag(true)}>
            {t("documents.tags")}
          </Menu.Item>
          <ReplaceItem kbId={kbId} document={document} icon={<IconRefresh size={16} />} />
          <Menu.Divider />
          <Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={() => askDelete([document])}>
            {t("document.delete")}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {isTagging && <TagsDialog kbId={kbId} document={document} onClose={() => tag(false)} />}
    </>
  );
}
