import { ActionIcon, Anchor, AppShell, Burger, Group, Image, NavLink, ScrollArea, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconBooks, IconHome, IconUserCircle } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, Navigate, Outlet, useLocation } from "react-router";
import { bots, knowledgeBases } from "../api/queries";
import { BotPicture } from "../bots/BotPicture";
import { connection } from "../sockets/connection";
import { ConnectionNotice } from "./ConnectionNotice";
import { Search } from "./Search";
import { useArrivalFocus } from "./useArrivalFocus";
import { useSignedIn } from "./useSession";

const loadMenu = () => import("./AccountMenu");
const AccountMenu = lazy(loadMenu);

/** The frame of every page behind the sign-in: header, navigation, content. */
export function Frame() {
  const signedIn = useSignedIn();
  const place = useLocation();
  if (!signedIn) return <Navigate to={`/sign-in?to=${encodeURIComponent(place.pathname + place.search)}`} replace />;
  return <Shell />;
}

function Shell() {
  const { t } = useTranslation();
  const [opened, { toggle, close }] = useDisclosure();
  const place = useLocation();
  useEffect(() => {
    close();
  }, [place.pathname, close]);
  useArrivalFocus("content");
  useEffect(() => () => connection.close(), []); // nobody is signed in any more
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 260, breakpoint: "sm", collapsed: { mobile: !opened } }}
      padding="md"
    >
      <a href="#content" className="skip">
        {t("frame.skip")}
      </a>
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger opened={opened} onClick={toggle} hiddenFrom="sm" size="sm" aria-label={t("frame.menu")} />
            <Anchor component={Link} to="/" c="inherit" underline="never">
              <Group gap="xs" wrap="nowrap">
                <Image src="/strata.svg" w={26} h={26} alt="" />
                <Text fw={700}>Strata</Text>
              </Group>
            </Anchor>
          </Group>
          <Group gap="xs" wrap="nowrap">
            <Search />
            <Account />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" aria-label={t("frame.navigation")}>
        <Navigation />
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1}>
        <ConnectionNotice />
        <Outlet />
      </AppShell.Main>
    </AppShell>
  );
}

function Navigation() {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  const listed = { bots: useQuery(bots()).data ?? [], bases: useQuery(knowledgeBases()).data ?? [] };
  return (
    <AppShell.Section grow component={ScrollArea}>
      <NavLink
        component={Link}
        to="/"
        label={t("home.title")}
        leftSection={<IconHome size={18} />}
        active={pathname === "/"}
      />
      {listed.bots.length > 0 && <Heading>{t("bots.title")}</Heading>}
      {listed.bots.map((bot) => (
        <NavLink
          key={bot.bot_id}
          component={Link}
          to={bot.published ? `/bots/${bot.bot_id}/chat` : `/bots/${bot.bot_id}`}
          label={bot.published?.name ?? bot.draft?.name}
          leftSection={
            <BotPicture
              size={22}
              picture={(bot.published ?? bot.draft)?.picture ?? ""}
              name={(bot.published ?? bot.draft)?.name ?? ""}
            />
          }
          active={pathname.startsWith(`/bots/${bot.bot_id}`)}
        />
      ))}
      {listed.bases.length > 0 && <Heading>{t("bases.title")}</Heading>}
      {listed.bases.map((base) => (
        <NavLink
          key={base.kb_id}
          component={Link}
          to={`/knowledge-bases/${base.kb_id}`}
          label={base.name}
          leftSection={<IconBooks size={18} />}
          active={pathname === `/knowledge-bases/${base.kb_id}`}
        />
      ))}
    </AppShell.Section>
  );
}

function Heading({ children }: { children: string }) {
  return (
    <Text component="h2" size="xs" fw={600} c="dimmed" px="sm" pt="md" pb={4}>
      {children}
    </Text>
  );
}

function Account() {
  const { t } = useTranslation();
  const [isWanted, want] = useState(false);
  const button = (
    <ActionIcon
      variant="subtle"
      size="lg"
      aria-label={t("account.title")}
      aria-haspopup="menu"
      onPointerEnter={() => void loadMenu()}
      onClick={() => want(true)}
    >
      <IconUserCircle />
    </ActionIcon>
  );
  return isWanted ? (
    <Suspense fallback={button}>
      <AccountMenu button={button} />
    </Suspense>
  ) : (
    button
  );
}
