import { Code, Table, Text, Title } from "@mantine/core";
import type { Mark, Marks } from "./marks";
import type { Block } from "./queries";

interface Props {
  block: Block;
  marks: Marks;
}

const SIZES = ["h3", "h4", "h5", "h6"] as const;

/** A piece of a document as text of our own page: nothing of the document's own markup is ever run. */
export function BlockView({ block, marks }: Props) {
  const text = <Words text={block.text} mark={marks.texts.get(block)} />;
  switch (block.kind) {
    case "heading":
      return (
        <Title
          order={3}
          size={SIZES[Math.min(block.level, SIZES.length) - 1] ?? "h6"}
          className="wrap-anywhere"
          dir="auto"
        >
          {text}
        </Title>
      );
    case "table":
      return <Rows block={block} marks={marks} />;
    case "code":
      return (
        <Code block dir="auto" tabIndex={0}>
          {text}
        </Code>
      );
    case "list_item":
      return (
        <Text className="wrap-anywhere list-item" dir="auto">
          {text}
        </Text>
      );
    default:
      return (
        <Text
          className="wrap-anywhere"
          dir="auto"
          style={{ whiteSpace: "pre-line" }}
          {...(block.kind === "paragraph" ? {} : { size: "sm", c: "dimmed" })}
        >
          {text}
        </Text>
      );
  }
}

function Words({ text, mark }: { text: string; mark: Mark | undefined }) {
  if (!mark) return text;
  const [start, end] = mark;
  return (
    <>
      {text.slice(0, start)}
      <mark className="quote" data-testid="quote">
        {text.slice(start, end)}
      </mark>
      {text.slice(end)}
    </>
  );
}

function Rows({ block, marks }: Props) {
  return (
    <Table.ScrollContainer minWidth={0} type="native" tabIndex={0} role="group">
      <Table withTableBorder withColumnBorders fz="sm">
        {block.header.length > 0 && (
          <Table.Thead>
            <Table.Tr>
              {block.header.map((cell, index) => (
                <Table.Th key={index} dir="auto">
                  {cell}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
        )}
        <Table.Tbody>
          {block.rows.map((row, index) => (
            <Table.Tr
              key={row.row ?? index}
              {...(marks.rows.has(row) ? { className: "row-quote", "data-testid": "quote" } : {})}
            >
              {row.cells.map((cell, column) => (
                <Table.Td key={column} dir="auto" className="wrap-anywhere">
                  {cell}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
