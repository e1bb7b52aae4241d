"""The drop folder's inner workings: listing, settling, waking, claiming."""
