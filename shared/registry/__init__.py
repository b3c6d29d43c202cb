"""The registry of knowledge bases and documents: rows, their transitions, and the table behind them."""
