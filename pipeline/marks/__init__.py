"""What is seen on a page before anything is read: codes and ink."""
