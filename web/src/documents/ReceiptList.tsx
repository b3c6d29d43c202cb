import { Anchor, Card, CloseButton, Group, Loader, Modal, Stack, Table, Text } from "@mantine/core";
import { IconCircleCheck } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { leaf, shownName } from "../parts/names";
import { document as oneDocument } from "../viewer/queries";
import { receipts, useReceipts, type Awaited } from "./receipts";
import { tellDocuments } from "./useDocuments";

const SHOWN = 3;

/** What was deleted just now: still on its way, or gone, with the receipt that says from where. */
export function ReceiptList({ kbId }: { kbId: string }) {
  const { t } = useTranslation();
  const all = useReceipts(kbId);
  if (all.length === 0) return null;
  return (
    <Card withBorder component="section" aria-label={t("receipt.title")} padding="sm">
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <Stack gap={4} miw={0} flex={1} aria-live="polite">
          {all.slice(0, SHOWN).map((one) => (
            <Line key={one.documentId} awaited={one} />
          ))}
          {all.length > SHOWN && (
            <Text size="sm" c="dimmed">
              {t("upload.more", { count: all.length - SHOWN })}
            </Text>
          )}
        </Stack>
        <CloseButton aria-label={t("receipt.putAway")} onClick={() => receipts.putAway(kbId)} />
      </Group>
    </Card>
  );
}

function Line({ awaited }: { awaited: Awaited }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [isOpen, open] = useState(false);
  const { kbId, documentId } = awaited;
  const found = useQuery({
    ...oneDocument(kbId, documentId),
    // What is replaced may still answer for a moment.
    refetchInterval: ({ state }) => (state.data?.status === "DELETED" ? false : 1_500),
  }).data;
  useEffect(() => {
    if (found) tellDocuments(queries, kbId, [found]);
  }, [found, kbId, queries]);
  const receipt = found?.status === "DELETED" ? found.deletion : undefined;
  const name = shownName(leaf(awaited.filename));
  if (!receipt)
    return (
      <Group gap="xs" wrap="nowrap">
        <Loader size={14} aria-hidden />
        <Text size="sm" truncate="end">
          {t("receipt.going", { name })}
        </Text>
      </Group>
    );
  return (
    <Group gap="xs" wrap="nowrap">
      <IconCircleCheck size={16} color="var(--mantine-color-teal-6)" aria-hidden />
      <Text size="sm" truncate="end">
        {t("receipt.gone", { name })}
      </Text>
      <Anchor component="button" type="button" size="sm" style={{ flexShrink: 0 }} onClick={() => open(true)}>
        {t("receipt.show")}
      </Anchor>
      <Modal
        opened={isOpen}
        onClose={() => open(false)}
        title={t("receipt.title")}
        closeButtonProps={{ "aria-label": t("close") }}
      >
        <Text className="wrap-anywhere" mb="sm">
          {shownName(awaited.filename)}
        </Text>
        <Table>
          <Table.Tbody>
            {receipt.stores.map((store) => (
              <Table.Tr key={store.store}>
                <Table.Th fw={500}>{t(`receipt.stores.${store.store}`)}</Table.Th>
                <Table.Td>
                  {store.removed === null ? t("receipt.none") : t("receipt.removed", { count: store.removed })}
                </Table.Td>
                <Table.Td>{store.left === null ? "" : t("receipt.left", { count: store.left })}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
        <Text size="sm" c="dimmed" mt="sm">
          {t(receipt.verified ? "receipt.verified" : "receipt.notVerified", {
            at: new Date(receipt.finished_at || receipt.requested_at).toLocaleString(),
            who: receipt.requested_by_address,
          })}
        </Text>
      </Modal>
    </Group>
  );
}
