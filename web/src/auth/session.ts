import { config } from "../api/config";
import { ApiError } from "../api/errors";

/** The tokens of one person, as the user pool gave them. */
interface Tokens {
  idToken: string;
  accessToken: string;
  refreshToken: string;
  /** Milliseconds since 1970 when the id token ends. */
  expiresAt: number;
  clientId: string;
}

/** The user pool wants a password of the person's own, in the place of the one that they were given. */
export interface NewPasswordWanted {
  email: string;
  session: string;
}

type Listener = () => void;

const KEY = "strata.session";
const MARGIN_MS = 60_000;

/**
 * The signed-in person's tokens: kept in this browser so that tabs share a sign-in and a reload keeps it, renewed
 * before they end, gone from every tab at a sign-out.
 */
class Session {
  private tokens: Tokens | undefined = read();
  private renewing: Promise<string> | undefined;
  private readonly listeners = new Set<Listener>();

  constructor() {
    window.addEventListener("storage", (event) => {
      if (event.key !== KEY) return;
      this.tokens = read();
      this.tell();
    });
  }

  /** Is anybody signed in, as far as this browser knows? */
  get isSignedIn(): boolean {
    return this.tokens !== undefined;
  }

  subscribe = (listener: Listener): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Sign in with a password, or learn that a new one is wanted. Throws ApiError: `refused`, `unreachable`. */
  async withPassword(email: string, password: string): Promise<NewPasswordWanted | undefined> {
    const answer = await initiate("USER_PASSWORD_AUTH", { USERNAME: email, PASSWORD: password });
    if (answer.ChallengeName === "NEW_PASSWORD_REQUIRED") return { email, session: answer.Session ?? "" };
    this.keepAnswer(answer);
    return undefined;
  }

  /** Sign in with the new password that was wanted. Throws ApiError: `weak_password`, `refused`, `unreachable`. */
  async withNewPassword(wanted: NewPasswordWanted, password: string): Promise<void> {
    this.keepAnswer(
      await call("RespondToAuthChallenge", {
        ChallengeName: "NEW_PASSWORD_REQUIRED",
        ClientId: config().userPoolClientId,
        Session: wanted.session,
        ChallengeResponses: { USERNAME: wanted.email, NEW_PASSWORD: password },
      }),
    );
  }

  /** Take over what the hosted page's token address answered. */
  withTokens(answer: { id_token: string; access_token: string; refresh_token: string; expires_in: number }): void {
    this.keep({
      IdToken: answer.id_token,
      AccessToken: answer.access_token,
      RefreshToken: answer.refresh_token,
      ExpiresIn: answer.expires_in,
    });
  }

  /** Return an id token that lives at least a minute longer. */
  async idToken(): Promise<string> {
    if (!this.tokens) throw new ApiError("", "signed_out", 401);
    if (Date.now() < this.tokens.expiresAt - MARGIN_MS) return this.tokens.idToken;
    return this.renewed();
  }

  /** Renew the tokens; calls at the same time share one renewal. A refused renewal signs out. */
  renewed(): Promise<string> {
    this.renewing ??= this.renew().finally(() => {
      this.renewing = undefined;
    });
    return this.renewing;
  }

  private async renew(): Promise<string> {
    const tokens = this.tokens;
    if (!tokens) throw new ApiError("", "signed_out", 401);
    try {
      this.keepAnswer(await initiate("REFRESH_TOKEN_AUTH", { REFRESH_TOKEN: tokens.refreshToken }));
    } catch (error) {
      if (error instanceof ApiError && error.code === "refused") {
        this.forget();
        throw new ApiError("", "signed_out", 401);
      }
      throw error;
    }
    return this.tokens?.idToken ?? "";
  }

  /** Sign out of this browser, and with `everywhere` of every other one; local even when the user pool is down. */
  async signOut({ everywhere = false } = {}): Promise<void> {
    const tokens = this.tokens;
    this.forget();
    if (!tokens) return;
    if (everywhere) await call("GlobalSignOut", { AccessToken: tokens.accessToken });
    else await call("RevokeToken", { Token: tokens.refreshToken, ClientId: config().userPoolClientId });
  }

  /** Drop tokens of another user pool: the platform behind this address was made anew. */
  check(): void {
    if (this.tokens && this.tokens.clientId !== config().userPoolClientId) this.forget();
  }

  private keepAnswer(answer: Answer): void {
    if (!answer.AuthenticationResult) throw new ApiError("", "refused", 401); // a challenge that this page cannot answer
    this.keep(answer.AuthenticationResult);
  }

  private keep(result: AuthenticationResult): void {
    this.tokens = {
      idToken: result.IdToken,
      accessToken: result.AccessToken,
      refreshToken: result.RefreshToken ?? this.tokens?.refreshToken ?? "",
      expiresAt: Date.now() + result.ExpiresIn * 1000,
      clientId: config().userPoolClientId,
    };
    localStorage.setItem(KEY, JSON.stringify(this.tokens));
    this.tell();
  }

  private forget(): void {
    this.tokens = undefined;
    localStorage.removeItem(KEY);
    this.tell();
  }

  private tell(): void {
    this.listeners.forEach((listener) => listener());
  }
}

interface AuthenticationResult {
  IdToken: string;
  AccessToken: string;
  RefreshToken?: string;
  ExpiresIn: number;
}

interface Answer {
  AuthenticationResult?: AuthenticationResult;
  ChallengeName?: string;
  Session?: string;
}

/** What an error of the user pool means here; all else, as too many calls at once, may pass by itself. */
const MEANINGS: Record<string, string> = {
  NotAuthorizedException: "refused",
  UserNotFoundException: "refused",
  UserNotConfirmedException: "refused",
  PasswordResetRequiredException: "refused",
  InvalidParameterException: "refused",
  ResourceNotFoundException: "refused",
  InvalidPasswordException: "weak_password",
};

function read(): Tokens | undefined {
  try {
    return (JSON.parse(localStorage.getItem(KEY) ?? "null") as Tokens | null) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Call one action of the user pool (Amazon Cognito user pools API, JSON 1.1). */
async function call(action: string, body: object): Promise<Answer> {
  let answer: Response;
  try {
    answer = await fetch(config().signInUrl, {
      method: "POST",
      headers: {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": `AWSCognitoIdentityProviderService.${action}`,
      },
      body: JSON.stringify(body),
    });
  } catch {
    throw new ApiError("", "unreachable", 0);
  }
  const content = (await answer.json().catch(() => ({}))) as Answer & { __type?: string; message?: string };
  if (answer.ok) return content;
  const kind = (content.__type ?? "").split("#").at(-1) ?? "";
  throw new ApiError(content.message ?? "", MEANINGS[kind] ?? "unreachable", answer.status);
}

function initiate(flow: string, parameters: Record<string, string>): Promise<Answer> {
  return call("InitiateAuth", {
    AuthFlow: flow,
    ClientId: config().userPoolClientId,
    AuthParameters: parameters,
  });
}

export const session = new Session();
