"""A client's sheet, whatever its format, as rows of named cells: CSV, ODS, XLSX."""
