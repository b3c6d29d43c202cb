import { config } from "../api/config";
import { ApiError } from "../api/errors";
import { session } from "./session";

/**
 * Sign-in at the user pool's hosted page: the authorization-code flow with PKCE (RFC 7636, S256).
 *
 * The verifier and the state wait in this tab's storage while the person is at the hosted page.
 */
const PENDING = "strata.pending-sign-in";
const CALLBACK = "/signed-in";

interface Pending {
  verifier: string;
  state: string;
  backTo: string;
}

function random(bytes: number): string {
  return base64url(crypto.getRandomValues(new Uint8Array(bytes)));
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

/** The S256 challenge of a verifier. */
export async function challengeOf(verifier: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  return base64url(new Uint8Array(digest));
}

/** Go to the hosted page; the browser comes back at `/signed-in`. */
export async function beginHostedSignIn(backTo: string): Promise<void> {
  const pending: Pending = { verifier: random(48), state: random(24), backTo };
  sessionStorage.setItem(PENDING, JSON.stringify(pending));
  const query = new URLSearchParams({
    response_type: "code",
    client_id: config().userPoolClientId,
    redirect_uri: location.origin + CALLBACK,
    scope: "openid email profile aws.cognito.signin.user.admin",
    state: pending.state,
    code_challenge_method: "S256",
    code_challenge: await challengeOf(pending.verifier),
  });
  location.assign(`${config().hostedUrl}/oauth2/authorize?${query}`);
}

/** Take the code that the hosted page sent back; returns where the person wanted to go. */
export async function finishHostedSignIn(query: URLSearchParams): Promise<string> {
  const pending = JSON.parse(sessionStorage.getItem(PENDING) ?? "null") as Pending | null;
  sessionStorage.removeItem(PENDING);
  const code = query.get("code");
  if (!pending || !code || query.get("state") !== pending.state) throw new ApiError("", "refused", 401);
  const answer = await fetch(`${config().hostedUrl}/oauth2/token`, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({
      grant_type: "authorization_code",
      client_id: config().userPoolClientId,
      code,
      redirect_uri: location.origin + CALLBACK,
      code_verifier: pending.verifier,
    }),
  });
  if (!answer.ok) throw new ApiError("", "refused", answer.status);
  session.withTokens((await answer.json()) as Parameters<typeof session.withTokens>[0]);
  return pending.backTo;
}
