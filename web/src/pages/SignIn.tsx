import { Alert, Button, Center, Image, Paper, PasswordInput, Stack, TextInput, Title } from "@mantine/core";
import { useState, type SubmitEvent } from "react";
import { useTranslation } from "react-i18next";
import { Navigate, useSearchParams } from "react-router";
import { config } from "../api/config";
import { ApiError } from "../api/errors";
import { useSignedIn } from "../app/useSession";
import { beginHostedSignIn } from "../auth/hosted";
import { session } from "../auth/session";

/** Sign in with a password, or go to the user pool's own page where it has one. */
export function SignIn() {
  const { t } = useTranslation();
  const signedIn = useSignedIn();
  const [query] = useSearchParams();
  const asked = query.get("to") ?? "/";
  const to = asked.startsWith("/") && !asked.startsWith("//") ? asked : "/";
  if (signedIn) return <Navigate to={to} replace />;
  return (
    <Center component="main" mih="100dvh" p="md">
      <Paper withBorder p="xl" w="100%" maw={380}>
        <Stack>
          <Image src="/strata.svg" w={44} h={44} alt="" />
          <Title order={1} size="h2">
            {t("signIn.title")}
          </Title>
          {config().hostedUrl ? (
            <Button onClick={() => void beginHostedSignIn(to)}>{t("signIn.goOn")}</Button>
          ) : (
            <PasswordForm />
          )}
        </Stack>
      </Paper>
    </Center>
  );
}

function PasswordForm() {
  const { t } = useTranslation();
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);
  async function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setError("");
    try {
      await session.withPassword(typed(form, "email").trim(), typed(form, "password"));
    } catch (failure) {
      const code = failure instanceof ApiError ? failure.code : "";
      if (code === "refused") setError(t("signIn.refused"));
      else if (code === "new_password_needed") setError(t("signIn.newPassword"));
      else setError(t("connection.lost"));
    } finally {
      setBusy(false);
    }
  }
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack>
        {error && (
          <Alert color="red" role="alert">
            {error}
          </Alert>
        )}
        <TextInput name="email" type="email" label={t("signIn.email")} autoComplete="username" required autoFocus />
        <PasswordInput name="password" label={t("signIn.password")} autoComplete="current-password" required />
        <Button type="submit" loading={busy}>
          {t("signIn.action")}
        </Button>
      </Stack>
    </form>
  );
}

function typed(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === "string" ? value : "";
}
