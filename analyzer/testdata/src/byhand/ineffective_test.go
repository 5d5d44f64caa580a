package byhand

var underTest = tested
