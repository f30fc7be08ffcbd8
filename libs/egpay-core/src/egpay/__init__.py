"""What both services of egpay share: the words of the business, and the ways to the world outside."""
