"""The steps by which a page's copy is made ready to be read: straight, even, without ruled lines."""
