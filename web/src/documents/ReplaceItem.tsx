import { Menu } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useRef, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { leaf, shownName } from "../parts/names";
import { uploads } from "../uploads/uploads";
import type { Document } from "./useDocuments";

interface Props {
  kbId: string;
  document: Document;
  icon: ReactNode;
}

/** Choose a newer file for a document: the old one answers until the new one is read, and is deleted then. */
export function ReplaceItem({ kbId, document, icon }: Props) {
  const { t } = useTranslation();
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Menu.Item leftSection={icon} closeMenuOnClick={false} onClick={() => input.current?.click()}>
        {t("documents.replace")}
      </Menu.Item>
      <input
        ref={input}
        type="file"
        hidden
        aria-label={t("documents.replace")}
        onChange={(event) => {
          const files = [...(event.currentTarget.files ?? [])];
          if (files.length === 0) return;
          uploads.add(kbId, files, { tags: document.tags, replaces: document });
          notifications.show({
            message: t("documents.replacing", { name: shownName(leaf(document.filename)) }),
          });
        }}
      />
    </>
  );
}
