"""The statement of account (relevé de compte) as a PDF and as tables: figures in, words and looks out (R48)."""
