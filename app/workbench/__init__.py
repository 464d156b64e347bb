"""The Workbench: one update taken apart; what is chosen there, what the page is told, and its address."""
