import { Button, Group, Stack, Text } from "@mantine/core";
import { Dropzone } from "@mantine/dropzone";
import { IconFileUpload } from "@tabler/icons-react";
import { useRef, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

interface Props {
  title: ReactNode;
  hint: ReactNode;
  big?: boolean;
  disabled?: boolean;
  onFiles: (files: File[]) => void;
}

/** A place to drop files and folders on, which also opens the file and the folder dialog. */
export function DropArea({ title, hint, big = false, disabled = false, onFiles }: Props) {
  const { t } = useTranslation();
  const files = useRef<() => void>(null);
  const folder = useRef<HTMLInputElement>(null);
  return (
    <Dropzone
      openRef={files}
      onDrop={onFiles}
      disabled={disabled}
      activateOnClick={false}
      activateOnKeyboard={false}
      enablePointerEvents
      p={big ? "xl" : "md"}
      inputProps={{ "aria-label": t("drop.choose") }}
      tabIndex={-1}
    >
      <Stack align="center" gap="sm" py={big ? "xl" : 0}>
        <Group justify={big ? "center" : "space-between"} w="100%" gap="sm">
          <Stack gap={4} align={big ? "center" : "flex-start"} flex="1 1 240px" miw={0}>
            {big && <IconFileUpload size={48} stroke={1.4} aria-hidden />}
            <Text fw={600} size={big ? "xl" : "md"} ta={big ? "center" : "start"} className="wrap-anywhere">
              {title}
            </Text>
            <Text c="dimmed" size="sm" ta={big ? "center" : "start"}>
              {hint}
            </Text>
          </Stack>
          <Group justify="center" w={big ? "100%" : "auto"}>
            <Button variant={big ? "filled" : "light"} onClick={() => files.current?.()} disabled={disabled}>
              {t("drop.choose")}
            </Button>
            <Button variant="subtle" onClick={() => folder.current?.click()} disabled={disabled}>
              {t("drop.folder")}
            </Button>
          </Group>
        </Group>
        <input
          ref={folder}
          type="file"
          hidden
          multiple
          // React types do not know the attribute; all browsers do.
          {...{ webkitdirectory: "" }}
          onChange={(event) => {
            onFiles([...(event.currentTarget.files ?? [])]);
            event.currentTarget.value = "";
          }}
        />
      </Stack>
    </Dropzone>
  );
}
