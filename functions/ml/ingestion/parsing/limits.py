"""What one document may cost."""

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class ParserLimits:
    """The limits inside which one document is parsed; data, chosen by whoever runs the function.

    Attributes:
        memory_bytes: address space of the parser's process.
        cpu_s: processor time of the parser's process, in whole seconds.
        wall_s: time until the process and all it started are killed, in seconds.
        output_bytes: longest result that is read from the process.
        pages: most pages, slides or sheets.
        unzipped_bytes: most bytes that an Office file may unfold to.
        zip_ratio: highest ratio of unfolded to stored bytes, looked at above `zip_ratio_floor_bytes`.
        zip_ratio_floor_bytes: unfolded size up to which any ratio passes (XML of ordinary files compresses well).
        zip_entries: most files inside an Office file.
        picture_pixels: most pixels of a picture; 80 million are an A3 page at 600 dpi.
        drawn_dpi: resolution at which a page is drawn for text recognition, in pixels per inch.
        drawn_pixels: most pixels of a drawn page; a larger one is drawn smaller.
    """

    memory_bytes: int = 1024 * MIB
    cpu_s: int = 60
    wall_s: float = 90.0
    output_bytes: int = 160 * MIB
    pages: int = 5_000
    unzipped_bytes: int = 200 * MIB
    zip_ratio: int = 100
    zip_ratio_floor_bytes: int = 10 * MIB
    zip_entries: int = 2_000
    picture_pixels: int = 80_000_000
    drawn_dpi: int = 150
    drawn_pixels: int = 4_000_000
