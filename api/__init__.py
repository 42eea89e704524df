"""The front desk: takes files in over HTTP; it leaves all processing to the back room."""
