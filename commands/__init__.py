"""The `liasse` command, a module a subject: parse, call one function, print. Only here does anything print."""
