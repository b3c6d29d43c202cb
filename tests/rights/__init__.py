"""What each function may do, compared with the AWS calls that it was seen to make."""
