"""The transaction engine of an e-warong: who pays, is it lawful, debit once, write it down."""
