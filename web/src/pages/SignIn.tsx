import { Alert, Button, Center, Image, Paper, PasswordInput, Stack, Text, TextInput, Title } from "@mantine/core";
import { useState, type ReactNode, type SubmitEvent } from "react";
import { useTranslation } from "react-i18next";
import { Navigate, useSearchParams } from "react-router";
import { config } from "../api/config";
import { ApiError } from "../api/errors";
import { useSignedIn } from "../app/useSession";
import { beginHostedSignIn } from "../auth/hosted";
import { session, type NewPasswordWanted } from "../auth/session";

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
      <Paper withBorder shadow="sm" p="xl" w="100%" maw={400}>
        <Stack>
          <Image src="/strata.svg" w={44} h={44} alt="" />
          <div>
            <Title order={1} size="h2">
              {t("signIn.title")}
            </Title>
            <Text c="dimmed">{t("signIn.purpose")}</Text>
          </div>
          {config().hostedUrl ? (
            <Button onClick={() => void beginHostedSignIn(to)}>{t("signIn.goOn")}</Button>
          ) : (
            <Passwords />
          )}
        </Stack>
      </Paper>
    </Center>
  );
}

function Passwords() {
  const [wanted, setWanted] = useState<NewPasswordWanted>();
  if (wanted) return <NewPasswordForm wanted={wanted} />;
  return <PasswordForm onWanted={setWanted} />;
}

function PasswordForm({ onWanted }: { onWanted: (wanted: NewPasswordWanted) => void }) {
  const { t } = useTranslation();
  return (
    <AskedForm
      action={t("signIn.action")}
      send={async (form) => {
        const wanted = await session.withPassword(typed(form, "email").trim(), typed(form, "password"));
        if (wanted) onWanted(wanted);
      }}
    >
      <TextInput name="email" type="email" label={t("signIn.email")} autoComplete="username" required autoFocus />
      <PasswordInput name="password" label={t("signIn.password")} autoComplete="current-password" required />
    </AskedForm>
  );
}

function NewPasswordForm({ wanted }: { wanted: NewPasswordWanted }) {
  const { t } = useTranslation();
  return (
    <AskedForm
      action={t("signIn.setPassword")}
      send={(form) => session.withNewPassword(wanted, typed(form, "new-password"))}
    >
      <Text>{t("signIn.newPassword")}</Text>
      {/* password managers keep the new password under this name */}
      <input type="hidden" name="username" autoComplete="username" value={wanted.email} />
      <PasswordInput
        name="new-password"
        label={t("signIn.newPasswordLabel")}
        description={t("signIn.newPasswordHint")}
        autoComplete="new-password"
        minLength={12}
        required
        autoFocus
      />
    </AskedForm>
  );
}

interface Asked {
  action: string;
  send: (form: FormData) => Promise<void>;
  children: ReactNode;
}

/** A form that says what was refused, and keeps what was typed. */
function AskedForm({ action, send, children }: Asked) {
  const { t } = useTranslation();
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);
  async function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    setBusy(true);
    setError("");
    try {
      await send(new FormData(event.currentTarget));
    } catch (failure) {
      const code = failure instanceof ApiError ? failure.code : "";
      if (code === "refused") setError(t("signIn.refused"));
      else if (code === "weak_password") setError(t("signIn.weakPassword"));
      else setError(t("signIn.unreachable"));
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
        {children}
        <Button type="submit" loading={busy}>
          {action}
        </Button>
      </Stack>
    </form>
  );
}

function typed(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === "string" ? value : "";
}
