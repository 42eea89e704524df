"""The command line for operators, the third door: it knows `shared` alone, and needs neither the API nor Redis."""
