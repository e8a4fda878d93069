"""An import's file read and its rows laid where no reader sees them."""
