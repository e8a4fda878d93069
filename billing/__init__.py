"""THE BILL: the providers' files, invoices, charges and use, their controls and their release."""
