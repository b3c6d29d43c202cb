import { Avatar } from "@mantine/core";

/** The bot's picture: an emoji, or a colour with the first letter of its name. Never an address. */
export function BotPicture({ picture, name, size = 28 }: { picture: string; name: string; size?: number }) {
  const isColour = /^#[0-9a-f]{6}$/i.test(picture);
  const letter = String.fromCodePoint(name.trim().codePointAt(0) ?? 63).toLocaleUpperCase();
  return (
    <Avatar
      aria-hidden
      size={size}
      radius="md"
      color="strata"
      styles={{ placeholder: isColour ? { background: picture, color: "white" } : {} }}
    >
      {picture && !isColour ? <span style={{ fontSize: size * 0.6 }}>{picture}</span> : letter}
    </Avatar>
  );
}
