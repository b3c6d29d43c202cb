import { Menu } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { me } from "../api/queries";
import { session } from "../auth/session";
import { Preferences } from "./Preferences";

/** Who is signed in, how it looks, and the way out; opened as soon as it is loaded. */
export default function AccountMenu({ button }: { button: ReactElement }) {
  const { t } = useTranslation();
  const [isOpen, open] = useState(true);
  const person = useQuery(me()).data;
  async function leave(everywhere: boolean) {
    await session.signOut({ everywhere }).catch(() => undefined);
  }
  return (
    <Menu position="bottom-end" width={240} opened={isOpen} onChange={open}>
      <Menu.Target>{button}</Menu.Target>
      <Menu.Dropdown>
        <Menu.Label className="wrap-anywhere">{person?.email ?? "…"}</Menu.Label>
        <Preferences />
        <Menu.Divider />
        <Menu.Item onClick={() => void leave(false)}>{t("account.signOut")}</Menu.Item>
        <Menu.Item onClick={() => void leave(true)}>{t("account.signOutEverywhere")}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
