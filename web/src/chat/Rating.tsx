import { ActionIcon, Button, Popover, Stack, Textarea } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconThumbDown, IconThumbUp } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, told, type Schemas } from "../api/client";
import { explain } from "../api/explain";

const LONGEST = 2_000;

/** Good or bad, and why: the thumb counts at once, the comment is the person's choice. */
export function Rating({ message, conversationId }: { message: Schemas["Message"]; conversationId: string }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [asked, ask] = useState<"up" | "down">();
  const [comment, setComment] = useState(message.feedback?.comment ?? "");
  const rate = useMutation({
    mutationFn: (feedback: { rating: "up" | "down"; comment: string }) =>
      told(
        api().PUT("/v1/conversations/{conversation_id}/messages/{message_id}/feedback", {
          params: { path: { conversation_id: conversationId, message_id: message.message_id } },
          body: feedback,
        }),
      ),
    onSettled: () => queries.invalidateQueries({ queryKey: ["conversations", conversationId] }),
    onError: (error) => notifications.show({ color: "red", title: t("failure.title"), message: explain(error, t) }),
  });
  return (["up", "down"] as const).map((rating) => {
    const isGiven = message.feedback?.rating === rating;
    return (
      <Popover
        key={rating}
        opened={asked === rating}
        onDismiss={() => ask(undefined)}
        trapFocus
        withArrow
        position="top-start"
        width={280}
      >
        <Popover.Target>
          <ActionIcon
            variant={isGiven ? "light" : "subtle"}
            color={isGiven ? "strata" : "gray"}
            aria-pressed={isGiven}
            aria-label={t(`chat.${rating}`)}
            onClick={() => {
              rate.mutate({ rating, comment });
              ask(rating);
            }}
          >
            {rating === "up" ? <IconThumbUp size={16} /> : <IconThumbDown size={16} />}
          </ActionIcon>
        </Popover.Target>
        <Popover.Dropdown>
          <form
            onSubmit={(event) => {
              event.preventDefault();
              rate.mutate({ rating, comment: comment.trim() }, { onSuccess: () => ask(undefined) });
            }}
          >
            <Stack gap="xs">
              <Textarea
                label={t(rating === "up" ? "talk.whyGood" : "talk.whyBad")}
                autosize
                minRows={2}
                maxRows={6}
                maxLength={LONGEST}
                value={comment}
                onChange={(event) => setComment(event.currentTarget.value)}
                data-autofocus
              />
              <Button type="submit" size="xs" loading={rate.isPending}>
                {t("talk.sendComment")}
              </Button>
            </Stack>
          </form>
        </Popover.Dropdown>
      </Popover>
    );
  });
}
