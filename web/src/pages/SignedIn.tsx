import { Anchor, Center, Loader, Stack, Text } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useSearchParams } from "react-router";
import { finishHostedSignIn } from "../auth/hosted";

/** Where the user pool's page sends the browser back to. */
export function SignedIn() {
  const { t } = useTranslation();
  const go = useNavigate();
  const [query] = useSearchParams();
  const [failed, setFailed] = useState(false);
  const began = useRef(false);
  useEffect(() => {
    if (began.current) return; // the code is good for one use
    began.current = true;
    finishHostedSignIn(query).then(
      (to) => void go(to, { replace: true }),
      () => setFailed(true),
    );
  }, [query, go]);
  return (
    <Center component="main" mih="100dvh">
      {failed ? (
        <Stack align="center" role="alert">
          <Text>{t("signIn.broken")}</Text>
          <Anchor component={Link} to="/sign-in">
            {t("signIn.title")}
          </Anchor>
        </Stack>
      ) : (
        <Loader aria-label={t("signIn.title")} />
      )}
    </Center>
  );
}
