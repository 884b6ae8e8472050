module transfer

go 1.23
