"""CSV files as schools send them: every encoding and separator, and everything given by mistake."""

import io
import zipfile

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tripupdates.trips.csvfile import DELIMITERS, Line, Table, header_key, read_table
from tripupdates.vocabulary import Refused, TooLarge

WORDS = (("Name", "Class"), ("Zoë Puddlewick", "5P"), ("Bram O’Larkington", "6L"))
EXPECTED = Table(WORDS[0], (Line(2, WORDS[1]), Line(3, WORDS[2])))


def known(header: str) -> bool:
    return header_key(header) in {"forename", "surname", "class", "regroup"}


def written(delimiter: str = ",", newline: str = "\n") -> str:
    return newline.join(delimiter.join(row) for row in WORDS) + newline


def rows(text: str) -> list[tuple[int, tuple[str, ...]]]:
    return [(line.number, line.cells) for line in read_table(text.encode()).rows]


def refusal(data: bytes) -> str:
    with pytest.raises(Refused) as refused:
        read_table(data)
    return refused.value.title


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", DELIMITERS)
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_every_encoding_separator_and_line_end_gives_the_same_table(
    encoding: str, delimiter: str, newline: str
) -> None:
    assert read_table(written(delimiter, newline).encode(encoding)) == EXPECTED


def test_utf_16_in_the_other_byte_order_is_read() -> None:
    assert read_table(b"\xfe\xff" + written().encode("utf-16-be")) == EXPECTED


@pytest.mark.parametrize("first", ["sep=;\r\n", "SEP=;\n", '"sep=;"\r\n', "sep=;;;\n"])
def test_excels_line_that_names_the_separator_is_no_row(first: str) -> None:
    assert read_table((first + "Name;Class\nAda, Puddlewick;5P\n").encode()) == Table(
        ("Name", "Class"), (Line(2, ("Ada, Puddlewick", "5P")),)
    )


def test_a_separator_inside_a_quoted_heading_does_not_count() -> None:
    table = read_table(b'"Name, as on the register, in full";Class\nAda;5P\n')
    assert table == Table(("Name, as on the register, in full", "Class"), (Line(2, ("Ada", "5P")),))


def test_a_known_heading_tells_the_separator_where_its_comma_would_mislead() -> None:
    table = read_table(b"Notes, for staff, only;Forename;Surname\n;Ada;Puddlewick\n", known)
    assert table.headers == ("Notes, for staff, only", "Forename", "Surname")


def test_a_quoted_cell_keeps_its_separator_and_its_quotation_marks() -> None:
    assert rows('Name,Class\n"Puddlewick, ""Ada""", 5P\n"Bram", "5,L"\n') == [
        (2, ('Puddlewick, "Ada"', "5P")),
        (3, ("Bram", "5,L")),
    ]


def test_a_row_over_several_lines_has_the_number_of_its_first() -> None:
    assert rows('Name,Class\n"Ada\r\nPuddlewick",5P\nBram,5L\n') == [
        (2, ("Ada Puddlewick", "5P")),
        (4, ("Bram", "5L")),
    ]


def test_blank_lines_are_passed_over_and_still_counted() -> None:
    assert rows("\nName,Class\n\n , \nAda,5P\n,,,\nBram,5L\n\n") == [(5, ("Ada", "5P")), (7, ("Bram", "5L"))]


def test_cells_are_trimmed_with_single_spaces_and_composed_accents() -> None:
    assert rows("Name,Class\n  Zoe\u0308 \u00a0 Puddlewick ,\t5P\n") == [(2, ("Zo\u00eb Puddlewick", "5P"))]


def test_empty_columns_at_the_right_edge_are_dropped() -> None:
    assert read_table(b"Name,Class,,\nAda,5P,,\nBram,,,\n") == Table(
        ("Name", "Class"), (Line(2, ("Ada", "5P")), Line(3, ("Bram", "")))
    )


def test_a_short_row_is_filled_up_with_blanks() -> None:
    assert rows("Name,Class,Group\nAda\n") == [(2, ("Ada", "", ""))]


def test_a_row_with_more_cells_than_headings_keeps_them_so_that_it_can_be_told() -> None:
    assert rows("Name,Class\nPuddlewick, Ada,5P\n") == [(2, ("Puddlewick", "Ada", "5P"))]


def test_headings_repeated_at_a_page_break_are_no_row() -> None:
    assert rows("Name,Class\nAda,5P\nName,Class\nBram,5L\n") == [(2, ("Ada", "5P")), (4, ("Bram", "5L"))]


def test_a_reports_title_above_the_headings_is_passed_over() -> None:
    text = "Year 5 residential, by class\nPrinted 1 May\n\nForename;Surname;Class\nAda;Puddlewick;5P\n"
    assert read_table(text.encode(), known) == Table(
        ("Forename", "Surname", "Class"), (Line(5, ("Ada", "Puddlewick", "5P")),)
    )


def test_a_title_is_only_passed_over_for_headings_among_the_first_ten_rows() -> None:
    title = "A word\n" * 9
    headings = "Forename,Surname\nAda,Puddlewick\n"
    assert read_table((title + headings).encode(), known).headers == ("Forename", "Surname")
    assert read_table(("A word\n" + title + headings).encode(), known).headers == ("A word",)


def test_a_list_of_one_known_column_is_found_below_its_title() -> None:
    assert read_table(b"Our list\nClass\n5P\n", known) == Table(("Class",), (Line(3, ("5P",)),))


def test_one_known_word_in_a_row_of_others_does_not_make_it_the_headings() -> None:
    assert read_table(b"First bit,Last bit,Set\nAda,Puddlewick,Class\n", known).headers == (
        "First bit",
        "Last bit",
        "Set",
    )


def test_the_same_heading_twice_is_refused() -> None:
    assert refusal(b"Name,Class,class.\nAda,5P,5L\n") == (
        "Two columns have the heading “Class”. Give each its own, or delete one."
    )


def test_columns_without_a_heading_are_not_the_same_heading_twice() -> None:
    assert read_table(b",,Name\n1,2,Ada\n") == Table(("", "", "Name"), (Line(2, ("1", "2", "Ada")),))


def test_a_quotation_mark_left_open_is_refused_with_its_line() -> None:
    text = 'Name,Class\nAda,5P\n"Bram,5L\nCleo,5L\n'
    assert refusal(text.encode()) == "The row on line 3 cannot be read. Check its quotation marks."


def test_a_quotation_mark_left_open_in_the_first_row_is_refused_with_its_line() -> None:
    assert refusal(b'"Name,Class\nAda,5P\n') == "The row on line 1 cannot be read. Check its quotation marks."


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf", b"\r\n\r\n", b" \t \n\t\n", b"sep=;\n"])
def test_an_empty_file_is_refused(data: bytes) -> None:
    assert refusal(data) == "This file is empty. Export the list again."


def test_headings_without_a_row_are_refused() -> None:
    assert "nothing below it" in refusal(b"Name,Class\n\n")


def workbook(name: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(name, "<x/>")
    return target.getvalue()


@pytest.mark.parametrize(
    ("data", "title"),
    [
        (workbook("xl/workbook.xml"), "This is an Excel workbook. In Excel choose Save As"),
        (workbook("word/document.xml"), "This is a document or a zip folder."),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
            "This is an Excel workbook of the old kind. In Excel choose Save As",
        ),
        (b"%PDF-1.7\n1 0 obj", "This is a PDF. Export the list again"),
        (b"\r\n<HTML><table><tr><td>Name", "This is a web page, whatever its name ends in."),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "This is not a CSV file."),
        ("Name,Class\nAda,5P".encode("utf-16-le"), "This is not a CSV file."),
        (b"Name,Class\nAda,\x005P\n", "This is not a CSV file."),
        (b"Name,Class\nAda\x81,5P\n", "The letters in this file cannot be read."),
        (b"\xff\xfeN\x00a", "The letters in this file cannot be read."),
    ],
)
def test_what_is_no_csv_file_is_refused_with_what_to_do(data: bytes, title: str) -> None:
    assert refusal(data).startswith(title)


def test_2000_rows_are_read_and_one_more_is_too_many() -> None:
    enough = b"Name\n" + b"Ada\n" * 2_000
    assert len(read_table(enough).rows) == 2_000
    with pytest.raises(TooLarge, match="more than 2,000 rows"):
        read_table(enough + b"Bram\n")


def test_2_megabytes_are_read_and_one_byte_more_is_too_many() -> None:
    enough = (b"Name\nAda\n" + b"\n".rjust(1_000) * 2_000)[:2_000_000]
    assert rows(enough.decode()) == [(2, ("Ada",))]
    with pytest.raises(TooLarge, match="larger than 2 MB"):
        read_table(enough + b"\n")


def test_200_columns_are_read_and_one_more_is_too_many() -> None:
    headers = ",".join(f"c{number}" for number in range(200))
    assert len(read_table(f"{headers}\nAda\n".encode()).rows[0].cells) == 200
    with pytest.raises(TooLarge, match="more than 200 columns"):
        read_table(f"{headers},c200\nAda\n".encode())


def test_what_a_pupil_s_row_holds_does_not_show_in_a_log() -> None:
    assert repr(read_table(b"Name\nAda\n").rows[0]) == "Line(number=2)"


CSV_LIKE = st.lists(
    st.sampled_from(["Forename", "Surname", "Ada", ",", ";", "\t", '"', "\r", "\n", "\0", "é", "sep="])
)


@given(st.binary() | CSV_LIKE.map(lambda parts: "".join(parts).encode()))
@example(b"\xff\xfe\x00\xd8")
@example(b'a,b\n"')
@example(b"\xff\xfe\x00\x00")
def test_any_bytes_are_a_well_formed_table_or_a_refusal(data: bytes) -> None:
    try:
        table = read_table(data, known)
    except Refused as refused:
        assert refused.title.endswith(".")
    else:
        assert table.rows
        assert all(len(line.cells) >= len(table.headers) for line in table.rows)


@given(st.lists(st.lists(st.text("abcé ,;\"\n'", min_size=1), min_size=2, max_size=2), min_size=1))
def test_what_a_spreadsheet_writes_is_read_back(written_rows: list[list[str]]) -> None:
    cells = [[f"x{cell}x" for cell in row] for row in written_rows]
    quoted = (",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in cells)
    text = "One,Other\n" + "\n".join(quoted)
    assert [list(line.cells) for line in read_table(text.encode()).rows] == [
        [" ".join(cell.split()) for cell in row] for row in cells
    ]
