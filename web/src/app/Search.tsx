import { ActionIcon, Kbd, Text, UnstyledButton } from "@mantine/core";
import { useDisclosure, useHotkeys } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";

const load = () => import("./Finder");
const Finder = lazy(load);

/** Find one's bots, knowledge bases, documents and conversations by a word; Ctrl+K or Command+K opens it. */
export function Search() {
  const { t } = useTranslation();
  const [isOpen, { open: show, close }] = useDisclosure();
  const [isWanted, want] = useState(false);
  const open = () => {
    want(true);
    show();
  };
  useHotkeys([["mod+K", open]], []);
  return (
    <>
      <UnstyledButton
        onClick={open}
        onPointerEnter={() => void load()}
        visibleFrom="sm"
        className="search-button"
        aria-keyshortcuts="Control+K Meta+K"
      >
        <IconSearch size={16} aria-hidden />
        <Text size="sm" c="dimmed" flex={1}>
          {t("find.title")}
        </Text>
        <Kbd size="xs" aria-hidden>
          Ctrl K
        </Kbd>
      </UnstyledButton>
      <ActionIcon variant="subtle" size="lg" hiddenFrom="sm" onClick={open} aria-label={t("find.title")}>
        <IconSearch size={20} />
      </ActionIcon>
      {isWanted && (
        <Suspense fallback={null}>
          <Finder isOpen={isOpen} onClose={close} />
        </Suspense>
      )}
    </>
  );
}
