/** Where this installation's API and user pool answer; written beside the page by whoever serves it. */
export interface Config {
  apiUrl: string;
  region: string;
  userPoolClientId: string;
  /** Where the user pool takes InitiateAuth. */
  signInUrl: string;
  /** The hosted sign-in page's address; empty where the user pool has none. */
  hostedUrl: string;
}

let loaded: Config | undefined;

/** Load the configuration once. Throws when it is missing or no configuration of ours. */
export async function loadConfig(): Promise<Config> {
  if (loaded) return loaded;
  const answer = await fetch("/config.json", { cache: "no-store" });
  if (!answer.ok) throw new Error(`config.json answered ${answer.status}`);
  const found = (await answer.json()) as Partial<Config>;
  if (!found.apiUrl || !found.userPoolClientId || !found.signInUrl) throw new Error("config.json lacks an address");
  loaded = { region: "", hostedUrl: "", ...found } as Config;
  return loaded;
}

/** The configuration, after `loadConfig`. */
export function config(): Config {
  if (!loaded) throw new Error("The configuration is not loaded.");
  return loaded;
}
